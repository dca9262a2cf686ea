"""A page that computes: a server on this machine's own address, and the process that draws for it.

It has the way of every other command, through `dzviz.pipeline`. Python's own HTTP server is enough:
nobody but a browser of the same machine talks to it, in five kinds of requests, each of which is
checked here; a framework would bring more code than it would save.
"""
