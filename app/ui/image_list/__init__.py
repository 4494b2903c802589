"""The column of images, for going through pictures whether anybody is in them or not."""

from app.ui.image_list.column import ImagesColumn

__all__ = ["ImagesColumn"]
