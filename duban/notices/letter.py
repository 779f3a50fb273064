"""The letter: one message to one body as text, ready for any channel."""

from datetime import date

from duban.supervision.model import Frozen


class Letter(Frozen):
    """What a body receives.

    Attributes:
        title: One line; of a single notice its heading, of several a heading that counts them.
        text: The whole letter, head and foot included, lines ended by a line feed. The same at every attempt.
        recipient: The body, one line.
        numbers: Paper numbers in it, for example `催办通知〔2016〕1号`.
        dated_on: Local date that it bears; of several notices the latest.
    """

    title: str
    text: str
    recipient: str
    numbers: tuple[str, ...] = ()
    dated_on: date
