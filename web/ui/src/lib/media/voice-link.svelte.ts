/** The browser's leg: microphone out, the other person in, over WebRTC without trickle. */
import type { SessionDescription } from '../api/types';
import { MicrophoneError, openMicrophone, stopTracks, watchLevel } from './sound';
import type { MicrophoneFault } from './sound';

export type VoiceState = 'closed' | 'connecting' | 'connected' | 'lost' | 'failed';

/** Gathering may never end where an interface does not answer: what is found by then is enough. */
const GATHERING_CAP_MS = 2_000;
/** A connection that is lost this long is made again. */
const LOST_PATIENCE_MS = 2_000;
/** The service sends without a pause, silence if nothing else: a browser notices a dead way late. */
const QUIET_CAP_MS = 1_500;
const QUIET_LOOK_MS = 500;
/** Before each try to connect again. The first lets the news come that the call is over. */
const RECONNECT_WAITS_MS = [300, 1_500, 3_000, 6_000, 10_000];
const PREFERRED = ['audio/PCMA', 'audio/PCMU'];

export interface VoiceLinkOptions {
  /** Sends the offer to the service and brings back its answer. */
  exchange: (offer: SessionDescription) => Promise<SessionDescription>;
  /** Relays for strict networks. */
  iceServers?: () => Promise<RTCIceServer[]>;
  /** Asked when the connection was lost: make it again, or let it be. */
  shouldReconnect?: () => boolean;
}

function rank(codec: RTCRtpCodec): number {
  const index = PREFERRED.indexOf(codec.mimeType);
  return index === -1 ? PREFERRED.length : index;
}

/** G.711 first: it is what the telephone side speaks, and nothing needs to be transcoded. */
function preferTelephoneCodecs(transceiver: RTCRtpTransceiver): void {
  const codecs = RTCRtpReceiver.getCapabilities('audio')?.codecs;
  if (!codecs || !('setCodecPreferences' in transceiver)) return;
  transceiver.setCodecPreferences(codecs.toSorted((a, b) => rank(a) - rank(b)));
}

function gathered(peer: RTCPeerConnection): Promise<void> {
  if (peer.iceGatheringState === 'complete') return Promise.resolve();
  return new Promise((resolve) => {
    const timer = window.setTimeout(resolve, GATHERING_CAP_MS);
    peer.addEventListener('icegatheringstatechange', () => {
      if (peer.iceGatheringState !== 'complete') return;
      window.clearTimeout(timer);
      resolve();
    });
  });
}

/** Packets of voice received so far. */
async function arrived(peer: RTCPeerConnection): Promise<number> {
  let packets = 0;
  for (const report of (await peer.getStats()).values()) {
    const stats = report as RTCInboundRtpStreamStats;
    if (stats.type === 'inbound-rtp') packets += stats.packetsReceived ?? 0;
  }
  return packets;
}

export class VoiceLink {
  state = $state<VoiceState>('closed');
  fault = $state<MicrophoneFault | null>(null);
  muted = $state(false);
  ownLevel = $state(0);
  farLevel = $state(0);
  /** The far voice has begun to arrive. */
  heard = $state(false);
  remote = $state.raw<MediaStream | null>(null);
  private peer: RTCPeerConnection | null = null;
  private microphone: MediaStream | null = null;
  private unwatch: (() => void)[] = [];
  private patience: number | null = null;

  /** The lost connection that is being made again. */
  private remaking: RTCPeerConnection | null = null;
  private hurry: (() => void) | null = null;

  constructor(private readonly options: VoiceLinkOptions) {}

  /** The network is back: do not wait for the next try. */
  private readonly online = () => {
    if (this.state === 'lost') {
      if (this.hurry) this.hurry();
      else void this.reconnect();
    }
  };

  /** Open the microphone, then connect. Throws what the microphone or the exchange throws. */
  async open(deviceId: string): Promise<void> {
    this.state = 'connecting';
    this.fault = null;
    window.addEventListener('online', this.online);
    try {
      this.microphone = await openMicrophone(deviceId);
      this.applyMute();
      this.unwatch.push(watchLevel(this.microphone, (level) => (this.ownLevel = level)));
      await this.connect();
    } catch (error) {
      this.release();
      this.state = 'failed';
      if (error instanceof MicrophoneError) this.fault = error.fault;
      throw error;
    }
  }

  /** Speak through another microphone, without a new connection. */
  async useMicrophone(deviceId: string): Promise<void> {
    if (!this.peer || !this.microphone) return;
    const next = await openMicrophone(deviceId);
    const track = next.getAudioTracks()[0];
    const sender = this.peer.getSenders().find((one) => one.track?.kind === 'audio');
    if (!track || !sender) return stopTracks(next);
    await sender.replaceTrack(track);
    stopTracks(this.microphone);
    this.microphone = next;
    this.applyMute();
    this.unwatch.shift()?.();
    this.unwatch.unshift(watchLevel(next, (level) => (this.ownLevel = level)));
  }

  mute(muted: boolean): void {
    this.muted = muted;
    this.applyMute();
  }

  /** Idempotent. */
  close(): void {
    this.release();
    this.state = 'closed';
  }

  private applyMute(): void {
    for (const track of this.microphone?.getAudioTracks() ?? []) track.enabled = !this.muted;
  }

  private async connect(): Promise<void> {
    const iceServers = (await this.options.iceServers?.()) ?? [];
    // Closed while the relays were asked for.
    if (this.microphone === null) throw new MicrophoneError('missing');
    const peer = new RTCPeerConnection({ bundlePolicy: 'max-bundle', iceServers });
    this.peer = peer;
    this.heard = false;
    peer.ontrack = ({ track, streams }) => this.receive(track, streams[0]);
    peer.onconnectionstatechange = () => this.changed(peer);
    const microphone = this.microphone;
    const track = microphone?.getAudioTracks()[0];
    if (!microphone || !track) throw new MicrophoneError('missing');
    preferTelephoneCodecs(
      peer.addTransceiver(track, { direction: 'sendrecv', streams: [microphone] }),
    );
    await peer.setLocalDescription(await peer.createOffer());
    await gathered(peer);
    const sdp = peer.localDescription?.sdp ?? '';
    const answer = await this.options.exchange({ type: 'offer', sdp });
    // Closed while the service was answering.
    if (this.peer !== peer) return;
    await peer.setRemoteDescription(answer);
  }

  private receive(track: MediaStreamTrack, stream: MediaStream | undefined): void {
    const remote = stream ?? new MediaStream([track]);
    this.remote = remote;
    track.onunmute = () => (this.heard = true);
    this.unwatch.push(watchLevel(remote, (level) => (this.farLevel = level)));
  }

  private changed(peer: RTCPeerConnection): void {
    if (this.peer !== peer) return;
    if (peer.connectionState === 'connected') {
      this.forgetPatience();
      this.state = 'connected';
      if (this.options.shouldReconnect) this.watchArrival(peer);
    } else if (peer.connectionState === 'disconnected') {
      this.state = 'lost';
      this.patience ??= window.setTimeout(() => void this.reconnect(), LOST_PATIENCE_MS);
    } else if (peer.connectionState === 'failed' || peer.connectionState === 'closed') {
      this.state = 'lost';
      void this.reconnect();
    }
  }

  /** Reconnect as soon as nothing comes any more, which is seconds before the browser says so. */
  private watchArrival(peer: RTCPeerConnection): void {
    let received = 0;
    let since_ms = performance.now();
    const timer = window.setInterval(() => void look(), QUIET_LOOK_MS);
    const look = async () => {
      if (this.peer !== peer || this.state !== 'connected') return window.clearInterval(timer);
      const now = await arrived(peer);
      if (now > received) {
        received = now;
        since_ms = performance.now();
      } else if (received > 0 && performance.now() - since_ms > QUIET_CAP_MS) {
        window.clearInterval(timer);
        if (this.peer !== peer || this.state !== 'connected') return;
        this.state = 'lost';
        void this.reconnect();
      }
    };
  }

  private async reconnect(): Promise<void> {
    this.forgetPatience();
    const lost = this.peer;
    // The browser may say so too, later.
    if (lost === null || this.remaking === lost) return;
    this.remaking = lost;
    for (const waitMs of RECONNECT_WAITS_MS) {
      await this.waiting(waitMs);
      // Over, closed or already made again meanwhile.
      if (this.peer !== lost || !this.options.shouldReconnect?.()) return;
      if (await this.connectedAgain()) return;
      if (this.peer === null) return;
      this.peer = lost;
    }
    this.remaking = null;
    this.state = 'failed';
  }

  private waiting(waitMs: number): Promise<void> {
    return new Promise((resolve) => {
      const go = () => {
        window.clearTimeout(timer);
        this.hurry = null;
        resolve();
      };
      const timer = window.setTimeout(go, waitMs);
      this.hurry = go;
    });
  }

  private async connectedAgain(): Promise<boolean> {
    this.peer?.close();
    // Keep watching the microphone; the far voice is a new track.
    for (const stop of this.unwatch.splice(1)) stop();
    try {
      await this.connect();
      return true;
    } catch (error) {
      console.warn('voice not connected again', error);
      this.peer?.close();
      return false;
    }
  }

  private forgetPatience(): void {
    if (this.patience !== null) window.clearTimeout(this.patience);
    this.patience = null;
  }

  private release(): void {
    window.removeEventListener('online', this.online);
    this.forgetPatience();
    for (const stop of this.unwatch.splice(0)) stop();
    const peer = this.peer;
    this.peer = null;
    peer?.close();
    stopTracks(this.microphone);
    this.microphone = null;
    this.remote = null;
    this.heard = false;
  }
}
