"""Who may have a payload decrypted."""

from pydantic import SecretStr

from duban.encryption.admission import MOST_CALLERS, MOST_SESSIONS, SESSION_SECONDS, Admission, Allowance

TOKEN = "t" * 40


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_only_the_whole_token_is_the_token() -> None:
    admission = Admission(SecretStr(TOKEN))
    assert admission.knows_token(TOKEN)
    for shown in ("", TOKEN[:-1], f"{TOKEN} ", TOKEN.upper(), "督办", "\udcff"):
        assert not admission.knows_token(shown)


def test_a_session_lasts_a_working_day_and_not_a_second_longer() -> None:
    clock = Clock()
    admission = Admission(SecretStr(TOKEN), clock)
    number = admission.sign_in()
    clock.now += SESSION_SECONDS - 1
    assert admission.is_signed_in(number)
    clock.now += 1
    assert not admission.is_signed_in(number)


def test_a_session_ends_when_somebody_signs_out_and_others_go_on() -> None:
    admission = Admission(SecretStr(TOKEN))
    one, other = admission.sign_in(), admission.sign_in()
    admission.sign_out(one)
    assert (admission.is_signed_in(one), admission.is_signed_in(other)) == (False, True)
    assert not any(admission.is_signed_in(number) for number in (None, "", TOKEN))


def test_where_too_many_are_signed_in_the_oldest_session_ends() -> None:
    admission = Admission(SecretStr(TOKEN))
    numbers = [admission.sign_in() for _ in range(MOST_SESSIONS + 1)]
    assert [admission.is_signed_in(number) for number in numbers] == [False] + [True] * MOST_SESSIONS


def test_neither_the_token_nor_a_session_is_kept_in_readable_form() -> None:
    admission = Admission(SecretStr(TOKEN))
    number = admission.sign_in()
    assert TOKEN not in str(vars(admission))
    assert number not in str(vars(admission))


def test_an_allowance_is_used_up_and_grows_again_for_each_caller_alone() -> None:
    clock = Clock()
    allowance = Allowance(2, 0.5, clock)
    assert [allowance.take("a") for _ in range(3)] == [True, True, False]
    assert allowance.take("b")
    clock.now += 2
    assert [allowance.left("a"), allowance.take("a"), allowance.take("a")] == [True, True, False]


def test_callers_without_number_do_not_fill_the_memory() -> None:
    allowance = Allowance(1, 0.0, Clock())
    for caller in range(MOST_CALLERS + 10):
        allowance.take(str(caller))
    assert len(allowance._callers) == MOST_CALLERS
