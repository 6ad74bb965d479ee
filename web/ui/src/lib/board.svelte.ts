/** The board: live calls as they stand, pushed whole on every change. */
import { ResumingSocket, type LinkState } from './api/socket';
import type { Board } from './api/types';
import { session } from './session.svelte';

export class BoardFeed {
  board = $state.raw<Board | null>(null);
  link = $state<LinkState>('connecting');
  private readonly socket: ResumingSocket;
  private readonly hurry = () => this.socket.hurry();

  constructor() {
    this.socket = new ResumingSocket({
      address: () => '/api/board/socket',
      onMessage: (data) => {
        this.board = data as Board;
      },
      onState: (state) => {
        this.link = state;
      },
      onRefused: () => void session.check(),
    });
    window.addEventListener('online', this.hurry);
  }

  close(): void {
    window.removeEventListener('online', this.hurry);
    this.socket.close();
  }
}
