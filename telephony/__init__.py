"""SIP, RTP and WebRTC legs: frames and call control, nothing about language.

What the rest of the house uses (docs/telephony.md has the whole of it):

    telephony.leg        Leg, Frame: 20 ms of one voice on an exact clock
    telephony.call       IncomingCall, Endpoint: what rings, and one person's two-way media
    telephony.sip        SipServer(host=, port=, on_call=...): calls from a trunk or a PBX
    telephony.webrtc     WebRtcCall.receive(...), WebRtcEndpoint.accept(...): browsers
    telephony.bridge     Bridge(caller): joins the endpoints; .caller and .operator are the Legs
    telephony.recording  WavLegs(path): the two legs of a stereo recording
    telephony.errors     TelephonyError and its kinds, each with a stable .code

A call, end to end::

    async def on_call(call: IncomingCall) -> None:   # a task per call, owned by the server
        if call.dialled not in lines:
            call.refuse(404, "Not Found")
            return
        call.ring()
        ...                                          # an operator clicks; the browser's offer comes
        caller = await call.answer()                 # raises CallOver when the caller is gone
        bridge = Bridge(caller)
        operator, answer_sdp = await WebRtcEndpoint.accept(offer_sdp, prefer=caller.codec)
        await bridge.connect_operator(operator)      # again after a page reload
        ...                                          # listen to bridge.caller.frames() and
        ...                                          # bridge.operator.frames() in other tasks
        await call.ended.wait()                      # call.ended_by says who hung up
        await bridge.close()

Nothing here imports aiortc, aiortp or aiosipua until a class that needs them is used.
"""
