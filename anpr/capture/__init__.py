"""Cameras that only send pictures: their streams are watched here, and what moves before them is passed on.

Nothing here knows Django: the command `watch_cameras` brings the cameras and takes the frames.
"""
