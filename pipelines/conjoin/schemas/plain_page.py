"""The shell of plain pages: people with confidential data read them, so nothing is fetched when one is opened."""

_PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>{title}</title>
<style>
body {{ font: 15px/1.5 system-ui, "Segoe UI", "Noto Sans", sans-serif; color: #1d2530; margin: 0 auto;
  max-width: 72rem; padding: 1rem; }}
h1 {{ font-size: 1.6rem; }} h2 {{ font-size: 1.2rem; }}
table {{ border-collapse: collapse; font-size: .9rem; width: 100%; }}
th, td {{ text-align: left; padding: .3rem .6rem; border-bottom: 1px solid #d5dbe3; vertical-align: top;
  overflow-wrap: anywhere; }}
.failed {{ color: #9b1c1c; font-weight: 600; }}
{style}
</style>
</head>
<body>
<main>
<h1>{title}</h1>
{body}
</main>
</body>
</html>
"""


def plain_page(title: str, body: str, style: str = "") -> str:
    """A page with a title and a body of HTML; a content security policy holds the browser to what stands in it."""
    return _PAGE.format(title=title, body=body, style=style)
