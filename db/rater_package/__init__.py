"""What raters work on: a folder of pictures, trials and votes that knows no method, no person and no project.

The same kind of folder is shared by the raters of one machine or network and handed to somebody far away with a seat
or two (docs/adr/0014). Which method lies behind a picture is known to the researcher's project alone.
"""
