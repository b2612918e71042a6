"""The local user pool held against a client of Amazon Cognito's that knows nothing of it.

    cognito_oracle.py --server target/debug/mysfits-server

Starts `mysfits-server dev` with little data and does with boto3 and pycognito's SRP, both unchanged, what a visitor of the site
does: makes accounts, confirms them with the code from the server's log, signs in, likes a mysfit. Every pair of numbers is
new each time, so the sign-in is repeated: paddings that go wrong do so once in 16 or 256 times. Prints what was checked; exits
with 1 if something differs.
"""

import argparse
import json
import re
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

import boto3
from botocore import UNSIGNED
from botocore.config import Config
from pycognito.aws_srp import AWSSRP

PASSWORD = "Passw0rd with 한글!"
ATLANTIS = "c0684344-1eb7-40e7-b334-06d25ac9268c"
SIGN_INS = 40
CODE = re.compile(r"confirmation code[^:]*: (\d{6})")

failures = 0


def check(what: str, ok: bool, detail: object = "") -> None:
    global failures
    failures += not ok
    print(f"{'ok  ' if ok else 'FAIL'}  {what:60}  {detail}", flush=True)


def ask(method: str, url: str, token: str | None = None) -> tuple[int, dict]:
    headers = {"Authorization": token} if token else {}
    request = urllib.request.Request(url, method=method, headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)


class Visitor:
    def __init__(self, url: str, log: Path):
        self.url, self.log = url, log
        self.settings = ask("GET", f"{url}/config.json")[1]
        self.cognito = boto3.client(
            "cognito-idp",
            region_name=self.settings["awsRegion"],
            endpoint_url=url + self.settings["cognitoEndpoint"],
            config=Config(signature_version=UNSIGNED, retries={"total_max_attempts": 1}),
        )
        self.client = {"ClientId": self.settings["cognitoUserPoolClientId"]}

    def newest_code(self) -> str:
        for _ in range(100):
            if codes := CODE.findall(self.log.read_text()):
                return codes[-1]
            time.sleep(0.05)
        raise TimeoutError("no code in the log")

    def sign_up(self, name: str) -> dict:
        email = [{"Name": "email", "Value": f"{name}@example.org"}]
        return self.cognito.sign_up(**self.client, Username=name, Password=PASSWORD, UserAttributes=email)

    def sign_in(self, name: str, password: str = PASSWORD) -> dict:
        srp = AWSSRP(
            username=name,
            password=password,
            pool_id=self.settings["cognitoUserPoolId"],
            client_id=self.client["ClientId"],
            client=self.cognito,
        )
        return srp.authenticate_user()["AuthenticationResult"]

    def refused(self, what: str, name: str, call, *args, **kwargs) -> None:
        """Checks that a call raises the SDK's own exception of this name."""
        expected = getattr(self.cognito.exceptions, name)
        try:
            found = call(*args, **kwargs)
        except Exception as error:  # noqa: BLE001, whatever it is, it is what was found
            check(what, isinstance(error, expected), f"{type(error).__name__}: {error}")
        else:
            check(what, False, found)


def visit(visitor: Visitor) -> None:
    cognito, client = visitor.cognito, visitor.client
    account = visitor.sign_up("visitor")
    check("an account is made", account["UserConfirmed"] is False, account["CodeDeliveryDetails"])
    visitor.refused("the name is taken", "UsernameExistsException", visitor.sign_up, "visitor")
    visitor.refused("it is not confirmed yet", "UserNotConfirmedException", visitor.sign_in, "visitor")
    confirm = cognito.confirm_sign_up
    code = visitor.newest_code()
    wrong = f"{(int(code) + 1) % 1_000_000:06}"
    visitor.refused(
        "another code does not confirm", "CodeMismatchException", confirm, **client, Username="visitor", ConfirmationCode=wrong
    )
    cognito.resend_confirmation_code(**client, Username="visitor")
    time.sleep(0.2)
    confirm(**client, Username="visitor", ConfirmationCode=visitor.newest_code())
    check("the code from the log confirms", True)

    tokens = visitor.sign_in("visitor")
    check("the tokens are those of a sign-in", tokens["TokenType"] == "Bearer" and tokens["IdToken"].count(".") == 2)
    signed_in = sum(bool(visitor.sign_in("visitor")["IdToken"]) for _ in range(SIGN_INS))
    check("the password proves itself, whatever the numbers", signed_in == SIGN_INS, f"{signed_in} of {SIGN_INS}")
    names = [f"visitor-{n}" for n in range(8)]
    for name in names:
        visitor.sign_up(name)
        time.sleep(0.1)
        confirm(**client, Username=name, ConfirmationCode=visitor.newest_code())
    salted = sum(bool(visitor.sign_in(name)["IdToken"]) for name in names)
    check("every salt works", salted == len(names), f"{salted} of {len(names)}")
    for name, who in [("visitor", "a wrong password"), ("unknown", "an unknown user")]:
        visitor.refused(who, "NotAuthorizedException", visitor.sign_in, name, "Passw0rd!")
    visitor.refused(
        "a simple password", "InvalidPasswordException", cognito.sign_up, **client, Username="x", Password="simple"
    )
    visitor.refused(
        "a client with a secret", "NotAuthorizedException", cognito.sign_up, **client, Username="x", Password=PASSWORD, SecretHash="x"
    )
    visitor.refused(
        "another client", "ResourceNotFoundException", cognito.sign_up, ClientId="other", Username="x", Password=PASSWORD
    )

    mysfit = f"{visitor.url}/mysfits/{ATLANTIS}"
    check("a like without a sign-in is rejected", ask("POST", f"{mysfit}/like")[0] == 401)
    check("a like with the access token is rejected", ask("POST", f"{mysfit}/like", tokens["AccessToken"])[0] == 401)
    liked = ask("POST", f"{mysfit}/like", tokens["IdToken"])
    check("a like with the ID token is accepted", liked == (200, {"Update": "Success"}), liked)
    adopted = ask("POST", f"{mysfit}/adopt", tokens["IdToken"])
    told = ask("GET", mysfit)[1]
    check("an adoption with the ID token is accepted", adopted[0] == 200 and (told["likes"], told["adopted"]) == (1, True))
    log = visitor.log.read_text()
    check("the log has no names", "visitor" not in log and "example.org" not in log)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--server", required=True, type=Path)
    server = parser.parse_args().server
    with tempfile.TemporaryDirectory() as folder:
        site, log = Path(folder, "site"), Path(folder, "log")
        site.mkdir()
        (site / "index.html").write_text("<!doctype html>")
        command = [server, "dev", "--port", "0", "--rows", "1000", "--site", site]
        with log.open("wb") as errors:
            process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors, text=True)
        try:
            ready = next(line for line in process.stdout if line.startswith("ready "))
            visit(Visitor(ready.removeprefix("ready ").strip(), log))
        finally:
            process.terminate()
            process.wait(30)
    print(f"{failures} failures")
    return bool(failures)


if __name__ == "__main__":
    sys.exit(main())
