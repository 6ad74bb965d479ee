"""Why single sign-on opened nothing.

SingleSignOnError
 +-- SignOnOffError             the house has no provider
 +-- ProviderUnreachableError   the provider does not answer, or not as one
 +-- AnswerRefusedError         not an answer to what this browser asked just now
 +-- SignOnDeclinedError        the provider, or the person there, said no
 +-- TokenRefusedError          the ID token proves nothing
 +-- UnverifiedEmailError       the provider vouches for no address
 +-- NoAccountError             nobody was invited at this address
 +-- AccountClosedError         the account, or its company, is disabled
 +-- OtherIdentityError         the account is another person's at the provider
 +-- EmailChangedError          the person's address is no longer the account's
 +-- FactorMissingError         the account has a second factor; the provider proved one only
 +-- NoRoleError                the provider gives this person none of our roles
 +-- LogoutRefusedError         what says that a session is over there proves nothing
"""

from __future__ import annotations


class SingleSignOnError(Exception):
    """Nothing was opened. `code` is stable, `status` HTTP's; the text is for the log."""

    code = "sign_on"
    status = 403


class SignOnOffError(SingleSignOnError):
    code = "sign_on_off"
    status = 409


class ProviderUnreachableError(SingleSignOnError):
    code = "sign_on_unreachable"
    status = 503


class AnswerRefusedError(SingleSignOnError):
    code = "sign_on_answer"


class SignOnDeclinedError(SingleSignOnError):
    code = "sign_on_declined"


class TokenRefusedError(SingleSignOnError):
    code = "sign_on_token"


class UnverifiedEmailError(SingleSignOnError):
    code = "sign_on_email"


class NoAccountError(SingleSignOnError):
    code = "sign_on_no_account"


class AccountClosedError(SingleSignOnError):
    code = "sign_on_closed"


class OtherIdentityError(SingleSignOnError):
    code = "sign_on_other_identity"


class EmailChangedError(SingleSignOnError):
    code = "sign_on_email_changed"


class FactorMissingError(SingleSignOnError):
    code = "sign_on_factor"


class NoRoleError(SingleSignOnError):
    code = "sign_on_no_role"


class LogoutRefusedError(SingleSignOnError):
    code = "sign_on_logout"
    status = 400
