"""SIP, RTP and WebRTC legs: frames and call control, nothing about language."""
