"""HTTP, WebSocket and WebRTC signalling; composition root: `web.app`, then `web.composition`."""
