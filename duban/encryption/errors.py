"""What goes wrong here, for those who only have to name it: importing this module loads no web server."""


class PayloadUnreadable(Exception):
    """A payload cannot be decrypted; the text says why and what to do, in Chinese.

    Of no type that Temporal gives a meaning: on a worker it fails the workflow task or the attempt of the activity,
    which are tried again, and never the workflow.
    """


class EndpointError(Exception):
    """The codec endpoint cannot be served as things are set; the text says what to mend, in Chinese."""
