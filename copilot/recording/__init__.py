"""Calls recorded: decided by the client's policy, judged, encoded, sealed; never in the media path.

frames ─> holdback ─(judged, or too old)─> Ogg Opus ─> sealed file
finals ─> judge ─> spans to silence ─^

policy     what a client wants recorded       judge     what may not be kept, in time
holdback   sound that waits to be judged      soundfile one call's sealed Ogg Opus file
recorder   one call's recording               recordings all of this process
folder     the files on disk, after the database      archive  recordings as a ZIP
"""
