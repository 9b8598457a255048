"""What notices add to the door: they listen to its facts."""

import logging
from collections.abc import Sequence

from django.db import DatabaseError

from checkpoints.models import Fact
from checkpoints.registry import listener
from notices import services

logger = logging.getLogger(__name__)


@listener
def note(facts: Sequence[Fact]) -> None:
    """The move stands whatever happens here: what is missed, the sweep writes."""
    try:
        services.note(facts)
    except DatabaseError as error:
        logger.warning("notices of %s were not written: %s", facts[0], type(error).__name__)
