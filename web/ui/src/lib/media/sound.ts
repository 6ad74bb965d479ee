/** Microphones and levels: what the browser gives, and why when it does not. */

export type MicrophoneFault = 'denied' | 'missing' | 'busy' | 'insecure' | 'failed';

export class MicrophoneError extends Error {
  constructor(readonly fault: MicrophoneFault) {
    super(fault);
  }
}

function faultOf(error: unknown): MicrophoneFault {
  if (!(error instanceof DOMException)) return 'failed';
  switch (error.name) {
    case 'NotAllowedError':
    case 'SecurityError':
      return 'denied';
    case 'NotFoundError':
    case 'OverconstrainedError':
      return 'missing';
    case 'NotReadableError':
    case 'AbortError':
      return 'busy';
    default:
      return 'failed';
  }
}

/** One voice, cleaned as a telephone wants it. Falls back to any device if the chosen is gone. */
export async function openMicrophone(deviceId: string): Promise<MediaStream> {
  if (!navigator.mediaDevices) throw new MicrophoneError('insecure');
  const audio: MediaTrackConstraints = {
    echoCancellation: true,
    noiseSuppression: true,
    autoGainControl: true,
    channelCount: 1,
  };
  if (deviceId) audio.deviceId = { ideal: deviceId };
  try {
    return await navigator.mediaDevices.getUserMedia({ audio, video: false });
  } catch (error) {
    throw new MicrophoneError(faultOf(error));
  }
}

export function stopTracks(stream: MediaStream | null): void {
  for (const track of stream?.getTracks() ?? []) track.stop();
}

export interface Device {
  id: string;
  label: string;
}

export async function devices(kind: 'audioinput' | 'audiooutput'): Promise<Device[]> {
  if (!navigator.mediaDevices) return [];
  const found = await navigator.mediaDevices.enumerateDevices();
  return found
    .filter((one) => one.kind === kind && one.label !== '' && one.deviceId !== '')
    .map((one) => ({ id: one.deviceId, label: one.label }));
}

let context: AudioContext | null = null;

/** One audio context for the page: browsers allow few. */
function audioContext(): AudioContext {
  context ??= new AudioContext({ latencyHint: 'interactive' });
  if (context.state === 'suspended') void context.resume();
  return context;
}

const FLOOR_DB = -60;
const READ_EVERY_MS = 80;

/** Call `onLevel` with 0 (silence) to 1 (full scale), about twelve times a second, until closed. */
export function watchLevel(stream: MediaStream, onLevel: (level: number) => void): () => void {
  const source = audioContext().createMediaStreamSource(stream);
  const analyser = audioContext().createAnalyser();
  analyser.fftSize = 1024;
  source.connect(analyser);
  const samples = new Float32Array(analyser.fftSize);
  let shown = 0;
  const timer = window.setInterval(() => {
    analyser.getFloatTimeDomainData(samples);
    let power = 0;
    for (const sample of samples) power += sample * sample;
    const db = 10 * Math.log10(power / samples.length + 1e-9);
    const level = Math.min(1, Math.max(0, (db - FLOOR_DB) / -FLOOR_DB));
    // Up at once, down gently: a bar that can be read.
    shown = Math.max(level, shown * 0.8);
    onLevel(shown);
  }, READ_EVERY_MS);
  return () => {
    window.clearInterval(timer);
    source.disconnect();
    onLevel(0);
  };
}
