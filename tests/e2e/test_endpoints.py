"""Where requests go: endpoints, proxies, and no secrets over plain HTTP."""

import pytest

from archive_helpers import BUCKET, make_bucket
from raw_server import Raw, reply

WHOAMI = ("doctor",)


def no_proxy(s):
    s.sendall(reply(b"", "502 No"))


def test_proxies_do_not_get_what_is_plain(aws, run):
    """Proxies are not used for http: they would see the token of a container or an instance."""
    with Raw(no_proxy) as proxy:
        for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
            run(*WHOAMI, env={name: proxy.url, "no_proxy": None, "NO_PROXY": None}, check=0)
        env = {"AWS_EC2_METADATA_DISABLED": None, "AWS_EC2_METADATA_SERVICE_ENDPOINT": aws.url,
               "AWS_ACCESS_KEY_ID": None, "http_proxy": proxy.url, "ALL_PROXY": proxy.url}
        run(*WHOAMI, env=env, check=0)
        assert not proxy.heads


def asked_for(run, *args, env=None):
    """The hosts that a run tried to connect to: all TLS goes to a proxy that refuses it."""
    with Raw(no_proxy) as proxy:
        run(*args, "--max-attempts", "1", env={
            "AWS_ENDPOINT_URL": None, "https_proxy": proxy.url, "no_proxy": None, **(env or {})})
        return [h.split(" ")[1] for h in proxy.heads]


@pytest.mark.parametrize("args, env, host", [
    ((), {}, "sts.eu-west-1.amazonaws.com"),
    (("--region", "cn-north-1"), {}, "sts.cn-north-1.amazonaws.com.cn"),
    (("--region", "us-gov-west-1"), {}, "sts.us-gov-west-1.amazonaws.com"),
    (("--region", "xx-new-9"), {}, "sts.xx-new-9.amazonaws.com"),
    (("--use-fips", "--region", "us-east-2"), {}, "sts-fips.us-east-2.amazonaws.com"),
    ((), {"AWS_USE_FIPS_ENDPOINT": "true"}, "sts-fips.eu-west-1.amazonaws.com"),
    (("--use-dualstack",), {}, "sts.eu-west-1.api.aws"),
    ((), {"AWS_USE_DUALSTACK_ENDPOINT": "TRUE", "AWS_USE_FIPS_ENDPOINT": "true"},
     "sts-fips.eu-west-1.api.aws"),
    ((), {"AWS_STS_REGIONAL_ENDPOINTS": "legacy"}, "sts.amazonaws.com"),
    ((), {"AWS_ENDPOINT_URL": "https://all.example"}, "all.example"),
    ((), {"AWS_ENDPOINT_URL": "https://all.example", "AWS_ENDPOINT_URL_STS": "https://sts.example:8443/x"},
     "sts.example:8443"),
    (("--endpoint-url", "https://option.example"), {"AWS_ENDPOINT_URL_STS": "https://sts.example"},
     "option.example"),
    ((), {"AWS_ENDPOINT_URL_S3": "https://s3.example"}, "sts.eu-west-1.amazonaws.com"),
    ((), {"AWS_ENDPOINT_URL_STS": "https://sts.example",
          "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true"}, "sts.eu-west-1.amazonaws.com"),
    (("--endpoint-url", "https://option.example"), {"AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true"},
     "option.example"),
    (("--profile", "all"), {}, "profile.example"),
    (("--profile", "one"), {}, "services.example"),
    (("--profile", "one"), {"AWS_ENDPOINT_URL": "https://all.example"}, "all.example"),
    (("--profile", "one"), {"AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true"},
     "sts.eu-west-1.amazonaws.com"),
    (("--profile", "ignore"), {}, "sts.eu-west-1.amazonaws.com"),
    (("--profile", "fips"), {}, "sts-fips.eu-west-1.api.aws"),
], ids=str)
def test_endpoint(run, args, env, host):
    keys = "aws_access_key_id = AKIA\naws_secret_access_key = x\n"
    (run.home / "config").write_text(
        f"[profile all]\n{keys}endpoint_url = https://profile.example\n"
        f"[profile one]\n{keys}endpoint_url = https://profile.example\nservices = local\n"
        f"[profile ignore]\n{keys}endpoint_url = https://x.example\nignore_configured_endpoint_urls = true\n"
        f"[profile fips]\n{keys}use_fips_endpoint = true\nuse_dualstack_endpoint = true\n"
        "[services local]\ns3 =\n  endpoint_url = https://s3.example\n"
        "sts =\n  endpoint_url = https://services.example\n")
    env = {"AWS_CONFIG_FILE": str(run.home / "config"), **env}
    if ":" not in host:
        host += ":443"
    assert asked_for(run, *WHOAMI, *args, env=env) == [host]


def test_endpoints_of_other_services(aws, run):
    """Each service by the name that the SDKs use."""
    make_bucket(aws)
    fake = "https://%s.example"
    names = {"CLOUDWATCH_LOGS": "logs", "API_GATEWAY": "apigateway", "IAM": "iam", "S3": "s3"}
    for (name, service), args in zip(names.items(), (
            ("export", "--bucket", BUCKET, "--log-group", "/g*", "--from", "2d", "--to", "1d"),
            ("enable-logging", "--api", "x", "--level", "INFO"), ("setup-role",),
            ("setup-bucket", "--bucket", BUCKET))):
        with Raw(no_proxy) as proxy:
            run(*args, "--max-attempts", "1", "--dry-run", env={
                f"AWS_ENDPOINT_URL_{name}": fake % service, "https_proxy": proxy.url})
            assert f"{service}.example:443" in [h.split(" ")[1] for h in proxy.heads], name


@pytest.mark.parametrize("args, env, words", [
    (("--use-fips",), {}, ["FIPS", "custom endpoint", "AWS_ENDPOINT_URL"]),
    (("--use-dualstack",), {}, ["dualstack", "custom endpoint", "AWS_ENDPOINT_URL"]),
    ((), {"AWS_USE_FIPS_ENDPOINT": "true"}, ["FIPS", "custom endpoint", "AWS_ENDPOINT_URL"]),
    (("--use-fips", "--endpoint-url", "https://x.example"), {}, ["FIPS", "--endpoint-url"]),
    (("--endpoint-url", "http://127.0.0.1@example.com"), {}, ["example.com"]),
    (("--endpoint-url", "ftp://127.0.0.1"), {}, ["--endpoint-url", "ftp://127.0.0.1"]),
    (("--endpoint-url", "http://"), {}, ["--endpoint-url"]),
    (("--endpoint-url", "http://127.0.0.1:99999"), {}, ["127.0.0.1:99999"]),
    (("--endpoint-url", "http://127.0.0.1/?x=y"), {}, ["http://127.0.0.1/?x=y"]),
    ((), {"AWS_ENDPOINT_URL": "127.0.0.1:80"}, ["AWS_ENDPOINT_URL", "127.0.0.1:80"]),
    ((), {"AWS_ENDPOINT_URL_S3": "x y"}, ["AWS_ENDPOINT_URL_S3", "x y"]),
], ids=str)
def test_endpoints_that_are_refused(aws, run, args, env, words):
    run(*WHOAMI, *args, env=env).refused(2, *words)
    assert not aws.requests()


def test_plain_http_to_another_host(aws, run):
    """As with aws, plus one note. 0.0.0.0 is this machine for the kernel, but not a loopback address."""
    url = aws.url.replace("127.0.0.1", "0.0.0.0")
    r = run(*WHOAMI, "--endpoint-url", url)
    assert r.status == 0 and r.stderr.count("unencrypted") == 1, r
    assert aws.requests("sts:GetCallerIdentity")
    r = run(*WHOAMI, "-q", "--endpoint-url", url)
    assert r.status == 0 and not r.stderr, r


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.8.9.10", "[::1]"])
def test_loopback_needs_no_tls(run, host):
    r = run(*WHOAMI, "--endpoint-url", f"http://{host}:1", "--max-attempts", "1")
    r.refused(4, "no connection")


def test_tls_that_cannot_be_proved(aws, run):
    url = aws.url.replace("http", "https")       # the server does not speak TLS
    run(*WHOAMI, "--endpoint-url", url, "--max-attempts", "1").refused(4, url)
    run(*WHOAMI, "--endpoint-url", "https://127.0.0.1:1", "--ca-bundle", "/nonexistent.pem",
        "--max-attempts", "1").refused(4, "127.0.0.1:1")
