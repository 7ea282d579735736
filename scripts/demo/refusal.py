"""What a refusal under the declaration looks like to a reader."""

from node import DemoError, VerbFailed

LANGUAGES = ("fr", "de", "ar", "en")


def quote(report, failure: VerbFailed) -> str:
    """Prints the article in four languages; returns its number."""
    decision = failure.answer.get("decision") or {}
    text = decision.get("article_text")
    if not text:
        raise DemoError(f"the refusal names no article: {failure.message}")
    report.say(f"   refused: {failure.message}")
    for language in LANGUAGES:
        heading, body = text["heading"][language], text["text"][language]
        report.say(f"   {language}  Art. {decision['article']} {heading}")
        report.say(f"       {body}")
    return decision["article"]
