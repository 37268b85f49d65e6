"""The site's own account of what is public in nnlib (book/_ext/textbook/public.py), for the tests that walk over it."""

from tests.site import BOOK, load

public = load(BOOK / "_ext" / "textbook" / "public.py")
