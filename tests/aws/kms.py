"""KMS: Sign over a digest, where moto signs the base64 text of it.

AWS Key Management Service API Reference, "Sign".
"""

import base64

from .overlays import instead
from .wire import AwsError, json_response


@instead("kms", "Sign")
def sign(req):
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
    from moto.kms.models import kms_backends
    p = req.params
    key = kms_backends[req.account][req.region].keys.get(p["KeyId"].split("/")[-1])
    if key is None:
        raise AwsError("NotFoundException", f"Key '{p['KeyId']}' does not exist", 400)
    if key.key_usage != "SIGN_VERIFY":
        raise AwsError("InvalidKeyUsageException", f"{key.arn} key usage is {key.key_usage} which is not "
                       "valid for Sign.", 400)
    if p["SigningAlgorithm"] != "ECDSA_SHA_256" or key.key_spec != "ECC_NIST_P256":
        raise AwsError("InvalidKeyUsageException", f"Algorithm {p['SigningAlgorithm']} is incompatible with "
                       f"key spec {key.key_spec}.", 400)
    digest = base64.b64decode(p["Message"], validate=True)
    if p.get("MessageType") != "DIGEST" or len(digest) != 32:
        raise AwsError("ValidationException", "Digest is invalid length for algorithm ECDSA_SHA_256.", 400)
    signature = key.private_key.private_key.sign(digest, ec.ECDSA(Prehashed(hashes.SHA256())))
    return json_response({"KeyId": key.arn, "Signature": base64.b64encode(signature).decode(),
                          "SigningAlgorithm": p["SigningAlgorithm"]})
