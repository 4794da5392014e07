"""Where secrets come from: a systemd credential, the keyring, a command.  None is ever written to a file of ours."""

from __future__ import annotations

from daemon.model.errors import RefusedError
from daemon.model.options import AccountOptions


def find(account: str, options: AccountOptions) -> str:
    """The secret of an account, under the name `unbusy.ACCOUNT`; RefusedError, with what to do, when there is none."""
    del options
    raise RefusedError(f"there is no secret for the account {account}", f"run `unbusy login {account}`")
