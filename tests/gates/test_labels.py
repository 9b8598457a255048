"""Words of the books in the language of who reads."""

import pytest
from django.utils import translation

from gates.labels import article_words


@pytest.mark.parametrize(
    ("language", "words"), [("vi", "Điều 4(2)a"), ("en", "Article 4(2)a"), ("zh-hans", "第 4(2)a 条")]
)
def test_an_article_is_named_in_each_language(language, words):
    with translation.override(language):
        assert article_words("Điều 4(2)a") == words
