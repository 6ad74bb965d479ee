"""HTTP, WebSocket and WebRTC signalling; the composition root is ``web.app``."""
