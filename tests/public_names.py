"""The site's own account of what is public in nnlib (book/_ext/textbook/public.py), for the tests that walk over it."""

from importlib.util import module_from_spec, spec_from_file_location

from tests.site import BOOK

# Alone, without the rest of the site's extension, which needs Sphinx running.
_spec = spec_from_file_location("public", BOOK / "_ext" / "textbook" / "public.py")
public = module_from_spec(_spec)
_spec.loader.exec_module(public)
