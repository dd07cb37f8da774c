import pytest

from aws.local import LocalAws


@pytest.fixture(scope="session")
def server():
    with LocalAws() as aws:
        yield aws


@pytest.fixture
def aws(server):
    """A local AWS that is as new."""
    server.reset()
    return server
