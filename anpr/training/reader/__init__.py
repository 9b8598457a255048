"""Trains the plate reader: `python -m anpr.training.reader --plates ../shared/plates/train --work var/reader`.

Runs in the training environment (`requirements-train.txt`) on one processor core; serving never imports it.
"""
