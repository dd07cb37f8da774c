import pytest

from aws.local import LocalAws


@pytest.fixture(scope="session")
def server():
    with LocalAws() as aws:
        yield aws


@pytest.fixture
def aws(server):
    """The local AWS, after a reset."""
    server.reset()
    return server
