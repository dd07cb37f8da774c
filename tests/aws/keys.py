"""Access keys: the fixed admin, those made by the control API, by STS, and by moto's IAM."""

import base64
import os
import secrets
import string

from . import state

ALNUM = string.ascii_uppercase + string.digits


class Key:
    def __init__(self, access_key, secret_key, token=None, account=state.ACCOUNT, arn=None,
                 expires=None, deny=None, allow=None, policy=None, user_id=None):
        self.access_key = access_key
        self.secret_key = secret_key
        self.token = token
        self.account = account
        self.arn = arn or f"arn:aws:iam::{account}:user/local-{access_key[-4:].lower()}"
        self.expires = expires      # seconds since the epoch; None: no expiration
        self.deny = deny or []
        self.allow = allow          # None: everything
        self.policy = policy        # IAM policy document, None: everything
        self.user_id = user_id or ("AIDA" + access_key[4:])


_keys = {}


@state.on_reset
def _reset():
    _keys.clear()
    add(Key(state.ADMIN_KEY, state.ADMIN_SECRET,
            arn=f"arn:aws:iam::{state.ACCOUNT}:user/admin"))


def add(key):
    _keys[key.access_key] = key
    return key


def find(access_key):
    key = _keys.get(access_key)
    if key:
        return key
    # Keys from IAM CreateAccessKey are kept by moto. An inactive key is as unknown as a deleted one.
    from moto.iam.models import iam_backends
    for account, backends in list(iam_backends.items()):
        for backend in list(backends.values()):
            made = backend.access_keys.get(access_key)
            if made and made.status == "Active":
                for user in backend.users.values():
                    if made in user.access_keys:
                        return Key(access_key, made.secret_access_key, account=account,
                                   arn=user.arn, user_id=user.id,
                                   policy=user_policies(user))
    return None


def user_policies(user):
    """The user's own policies; None if it has none: such a test user may do everything."""
    from . import iam
    return iam.documents(user) or None


def new_session(account, arn, user_id, seconds, **rights):
    """Temporary credentials: ASIA key, secret, token (STS, IMDS, container and SSO all give these)."""
    token = base64.b64encode(b"local-session\0" + os.urandom(150)).decode()
    return add(Key("ASIA" + "".join(secrets.choice(ALNUM) for _ in range(16)),
                   base64.b64encode(os.urandom(30)).decode(), token, account, arn,
                   state.now() + seconds, user_id=user_id, **rights))
