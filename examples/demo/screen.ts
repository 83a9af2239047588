/** Where the demo speaks: stdout, or stderr when stdout is for JSON. */
import { styleText } from 'node:util';

type Style = Parameters<typeof styleText>[0];

export class Screen {
  private silent = false;

  constructor(readonly stream: NodeJS.WriteStream) {}

  say(line = ''): void {
    if (!this.silent) this.stream.write(`${line}\n`);
  }

  /** Colours are for terminals that have some; `NO_COLOR` counts as having none. */
  paint(style: Style, text: string): string {
    return this.stream.isTTY && this.stream.hasColors() ? styleText(style, text) : text;
  }

  /** What goes on in the background has nothing more to say. */
  silence(): void {
    this.silent = true;
  }
}
