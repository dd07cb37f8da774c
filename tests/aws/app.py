"""Loads moto and lays the overlays over it."""

# ruff: noqa: F401


def load():
    # each of these registers its overlays when it is imported
    from . import (apigateway, apigatewayv2, delivery, export, iam, insights, kms, logevents, logs, motobase,
                   retention, s3, s3lifecycle, s3policy, sts)
    # moto's modules that nearly every test needs, so that the first request need not wait for them
    import moto.apigateway.models
    import moto.core.request
    import moto.iam.responses
    import moto.logs.responses
    import moto.s3.responses
    iam.trim_managed_policies()
    logevents.install()
