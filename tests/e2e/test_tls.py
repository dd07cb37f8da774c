"""The server's certificate is always checked, against the CA that is configured."""

import datetime
import ipaddress

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from aws.local import LocalAws
from conftest import REGION, Program

DAY = datetime.timedelta(days=1)


class Authority:
    """A CA for the tests, with its certificate in a file."""

    def __init__(self, folder, name):
        self.folder, self.name = folder, x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.pem = self.write(name + ".pem", self.sign(self.name, self.key, ca=True))

    def sign(self, subject, key, ca=False, hosts=(), age=0):
        now = datetime.datetime.now(datetime.timezone.utc)
        usage = x509.KeyUsage(not ca, False, False, False, False, ca, ca, False, False)
        build = (x509.CertificateBuilder().subject_name(subject).issuer_name(self.name)
                 .public_key(key.public_key()).serial_number(x509.random_serial_number())
                 .not_valid_before(now - (2 + age) * DAY).not_valid_after(now + (1 - age) * DAY)
                 .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
                 .add_extension(usage, critical=True))
        if hosts:
            build = build.add_extension(x509.SubjectAlternativeName(hosts), critical=False)
        return build.sign(self.key, hashes.SHA256())

    def write(self, name, *objects):
        path = self.folder / name
        path.write_bytes(b"".join(o.public_bytes(serialization.Encoding.PEM) for o in objects))
        return str(path)

    def server(self, name, hosts=(x509.IPAddress(ipaddress.ip_address("127.0.0.1")),), age=0):
        """Files for --tls: the certificate and its key."""
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        path = self.folder / (name + ".key")
        path.write_bytes(key.private_bytes(serialization.Encoding.PEM,
                                           serialization.PrivateFormat.PKCS8,
                                           serialization.NoEncryption()))
        return self.write(name + ".crt", self.sign(subject, key, hosts=hosts, age=age)), str(path)


@pytest.fixture(scope="module")
def ca(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("tls"), "test-ca")


@pytest.fixture(scope="module")
def other_ca(ca):
    return Authority(ca.folder, "other-ca")


@pytest.fixture(scope="module")
def good(ca):
    with LocalAws(region=REGION, tls=ca.server("good")) as aws:
        yield aws


@pytest.fixture
def whoami(tmp_path):
    def run(aws, *args, **env):
        home = tmp_path / "home"
        home.mkdir(exist_ok=True)
        return Program(aws, home)("doctor", *args, env=env)
    return run


def refused(result, *words):
    result.refused(4, "https://127.0.0.1", "TLS certificate", *words)


def test_ca_bundle(ca, good, whoami):
    result = whoami(good, "--ca-bundle", ca.pem)
    assert result.status == 0 and good.account in result.stdout, result


def test_ca_bundle_by_environment(ca, good, whoami):
    assert whoami(good, AWS_CA_BUNDLE=ca.pem).status == 0


def test_ca_bundle_by_profile(ca, good, whoami, tmp_path):
    config = tmp_path / "config"
    config.write_text(f"[default]\nca_bundle = {ca.pem}\n")
    assert whoami(good, AWS_CONFIG_FILE=str(config)).status == 0


def test_option_comes_first(ca, other_ca, good, whoami):
    assert whoami(good, "--ca-bundle", ca.pem, AWS_CA_BUNDLE=other_ca.pem).status == 0
    refused(whoami(good, "--ca-bundle", other_ca.pem, AWS_CA_BUNDLE=ca.pem))


def test_unknown_authority(good, other_ca, whoami):
    before = len(good.requests())
    refused(whoami(good), "--ca-bundle")
    refused(whoami(good, "--ca-bundle", other_ca.pem))
    assert len(good.requests()) == before


def test_bundle_missing(good, whoami, tmp_path):
    result = whoami(good, "--ca-bundle", tmp_path / "nothing.pem")
    assert result.status != 0 and "nothing.pem" in result.stderr, result


def test_expired(ca, whoami):
    with LocalAws(region=REGION, tls=ca.server("expired", age=30)) as aws:
        refused(whoami(aws, "--ca-bundle", ca.pem), "expired")


def test_other_host(ca, whoami):
    hosts = (x509.DNSName("s3.example.com"), x509.IPAddress(ipaddress.ip_address("127.0.0.2")))
    with LocalAws(region=REGION, tls=ca.server("s3.example.com", hosts)) as aws:
        refused(whoami(aws, "--ca-bundle", ca.pem))


def test_plain_server(aws, whoami, ca):
    """TLS to a server that speaks plain HTTP: there is no fallback."""
    result = whoami(aws, "--ca-bundle", ca.pem, "--max-attempts", 1, "--endpoint-url",
                    aws.url.replace("http:", "https:"))
    result.refused(4, "https://127.0.0.1")
