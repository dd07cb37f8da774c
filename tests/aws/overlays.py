"""The registry that the overlays fill.

@instead("logs", "CreateExportTask")  replaces moto's handler: f(req) -> Response
@before("s3", "PutObject")            runs first: f(req) -> None, or a Response that ends it
@after("apigateway", "GetStages")     may change moto's reply: f(req, resp)
"*" means every operation of the service.
"""

_instead, _before, _after = {}, {}, {}


def instead(service, *ops):
    def add(func):
        for op in ops:
            _instead[service, op] = func
        return func
    return add


def before(service, *ops):
    def add(func):
        for op in ops:
            _before.setdefault((service, op), []).append(func)
        return func
    return add


def after(service, *ops):
    def add(func):
        for op in ops:
            _after.setdefault((service, op), []).append(func)
        return func
    return add


def dispatch(req, fallback):
    for op in ("*", req.op):
        for func in _before.get((req.service, op), ()):
            resp = func(req)
            if resp is not None:
                return resp
    func = _instead.get((req.service, req.op), fallback)
    resp = func(req)
    for op in (req.op, "*"):
        for func in _after.get((req.service, op), ()):
            func(req, resp)
    return resp
