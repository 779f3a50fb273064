"""Keeps what people write away from whoever can read Temporal's database: keys, payload codec, codec endpoint.

What a workflow is told, decides and answers leaves this process as ciphertext; search attributes, workflow ids, names
of types and messages stay readable, because the server works with them. Nothing here knows what a plan or a task is,
and no key or token is ever part of a text, an error or a `repr`.
"""
