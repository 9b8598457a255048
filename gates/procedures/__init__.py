"""The procedure books: the provinces' decisions as data, one file a decision."""

from gates.procedures import cao_bang_2026, lang_son_2024_amended
from gates.procedures.types import Book, Confirms, Continues, Procedure, Stage

BOOKS: dict[str, Book] = {book.code: book for book in (cao_bang_2026.BOOK, lang_son_2024_amended.BOOK)}

__all__ = ["BOOKS", "Book", "Confirms", "Continues", "Procedure", "Stage"]
