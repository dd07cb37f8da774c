"""IAM policy evaluation: enough for bucket policies, trust policies and callers' own policies.

"Policy evaluation logic" and "IAM JSON policy elements: Condition operators", IAM User Guide.
"""

import fnmatch
import re


def as_list(value):
    return value if isinstance(value, list) else [value]


def glob(pattern, text, fold=False):
    if fold:
        pattern, text = pattern.lower(), text.lower()
    rx = "".join(".*" if c == "*" else "." if c == "?" else re.escape(c) for c in pattern)
    return re.fullmatch(rx, text, re.S) is not None


def arn_like(pattern, text):
    """Each of the six colon-separated parts is matched separately."""
    p, t = pattern.split(":", 5), text.split(":", 5)
    return len(p) == len(t) == 6 and all(glob(a, b) for a, b in zip(p, t))


def principal_matches(statement, principal):
    """principal is ("Service", name), ("AWS", arn, account) or None for an identity policy."""
    if principal is None:
        return True
    if "NotPrincipal" in statement:
        return not principal_matches({"Principal": statement["NotPrincipal"]}, principal)
    given = statement.get("Principal")
    if given == "*":
        return True
    if not isinstance(given, dict):
        return False
    names = [str(n) for n in as_list(given.get(principal[0], []))]
    if "*" in names:
        return True
    if principal[0] == "AWS":
        arn, account = principal[1:]
        part = arn.split(":")[1]
        return any(n in (arn, account, f"arn:{part}:iam::{account}:root") for n in names)
    return principal[1] in names


def condition_holds(operator, key, wanted, context):
    if_exists = operator.endswith("IfExists")
    operator = operator.removesuffix("IfExists")
    context = {k.lower(): v for k, v in context.items()}
    have = context.get(key.lower())
    wanted = [str(w) for w in as_list(wanted)]
    if operator == "Null":
        return (have is None) == (wanted[0].lower() == "true")
    if have is None:
        return if_exists or operator.startswith(("StringNot", "ArnNot"))
    have = str(have)
    tests = {
        "StringEquals": lambda w: w == have,
        "StringEqualsIgnoreCase": lambda w: w.lower() == have.lower(),
        "StringLike": lambda w: glob(w, have),
        "ArnEquals": lambda w: arn_like(w, have), "ArnLike": lambda w: arn_like(w, have),
        "Bool": lambda w: w.lower() == have.lower(),
        "NumericLessThan": lambda w: float(have) < float(w),
        "NumericEquals": lambda w: float(have) == float(w),
    }
    negative = {"StringNotEquals": "StringEquals", "StringNotLike": "StringLike",
                "StringNotEqualsIgnoreCase": "StringEqualsIgnoreCase",
                "ArnNotEquals": "ArnEquals", "ArnNotLike": "ArnLike"}
    if operator in negative:
        return not any(tests[negative[operator]](w) for w in wanted)
    return operator in tests and any(tests[operator](w) for w in wanted)


def statement_applies(st, action, resource, context, principal):
    if not principal_matches(st, principal):
        return False
    actions = as_list(st.get("Action", st.get("NotAction", [])))
    if any(glob(a, action, fold=True) for a in actions) == ("NotAction" in st):
        return False
    if "Resource" in st or "NotResource" in st:
        resources = as_list(st.get("Resource", st.get("NotResource")))
        if any(glob(r, resource) for r in resources) == ("NotResource" in st):
            return False
    return all(condition_holds(op, key, wanted, context)
               for op, pairs in (st.get("Condition") or {}).items()
               for key, wanted in pairs.items())


def evaluate(documents, action, resource, context=None, principal=None):
    """"allow", "deny" (explicit) or None (no statement applies)."""
    verdict = None
    for doc in documents:
        for st in as_list(doc.get("Statement", [])):
            if statement_applies(st, action, resource, context or {}, principal):
                if st.get("Effect") == "Deny":
                    return "deny"
                verdict = "allow"
    return verdict


def name_matches(patterns, action):
    return any(fnmatch.fnmatchcase(action.lower(), p.lower()) for p in patterns)
