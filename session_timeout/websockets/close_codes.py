"""The close codes of WebSockets."""

#: The close code of a WebSocket whose session has ended. The number is in the range for
#: private use: https://www.rfc-editor.org/rfc/rfc6455#section-7.4.2
SESSION_ENDED = 4440
#: The close code if the store could not be read: "unexpected condition" in RFC 6455.
SESSION_UNKNOWN = 1011
