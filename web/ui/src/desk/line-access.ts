/** What the service says of the line: relays for the sound, and whether calls can go out. */
import { service } from '../lib/api/service';
import type { LineAccess } from '../lib/api/types';

const NONE: LineAccess = { ice_servers: [], expires_s: null, calls_out: false };

export class Line {
  private known: LineAccess | null = null;
  private until_ms = 0;

  /** Asked again well before its passwords expire. Without an answer: no relays, no calls out. */
  async access(): Promise<LineAccess> {
    if (this.known && Date.now() < this.until_ms) return this.known;
    try {
      this.known = await service.line();
      const { expires_s } = this.known;
      this.until_ms = expires_s === null ? Infinity : Date.now() + (expires_s * 1000) / 2;
      return this.known;
    } catch (error) {
      console.warn('the line was not asked', error);
      return NONE;
    }
  }

  async iceServers(): Promise<RTCIceServer[]> {
    return (await this.access()).ice_servers;
  }
}
