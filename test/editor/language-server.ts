import { type ChildProcess, spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import {
  type CompletionItem,
  type CompletionList,
  CompletionRequest,
  ConfigurationRequest,
  createProtocolConnection,
  type Diagnostic,
  DidCloseTextDocumentNotification,
  DidOpenTextDocumentNotification,
  type Hover,
  HoverRequest,
  InitializedNotification,
  InitializeRequest,
  type ProtocolConnection,
  PublishDiagnosticsNotification,
  StreamMessageReader,
  StreamMessageWriter,
} from 'vscode-languageserver-protocol/node';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const SETTINGS = { validate: true, completion: true, hover: true, schemaStore: { enable: false } };

/** The place of a mark in a text: `|` stands where the cursor is. */
interface Marked {
  readonly text: string;
  readonly position: { readonly line: number; readonly character: number };
}

function unmark(marked: string): Marked {
  const at = marked.indexOf('|');
  const before = marked.slice(0, at).split('\n');
  const position = { line: before.length - 1, character: before.at(-1)?.length ?? 0 };
  return { text: marked.slice(0, at) + marked.slice(at + 1), position };
}

/** The language server that VS Code's YAML extension starts, as a process of its own. */
export class LanguageServer {
  readonly #process: ChildProcess;
  readonly #connection: ProtocolConnection;
  readonly #diagnosed = new Map<string, (found: Diagnostic[]) => void>();
  #version = 0;

  private constructor(process: ChildProcess, connection: ProtocolConnection) {
    this.#process = process;
    this.#connection = connection;
  }

  static async start(): Promise<LanguageServer> {
    const found = createRequire(import.meta.url).resolve('yaml-language-server/package.json');
    const command = join(dirname(found), 'bin', 'yaml-language-server');
    const child = spawn(process.execPath, [command, '--stdio'], { stdio: ['pipe', 'pipe', 'ignore'] });
    const connection = createProtocolConnection(
      new StreamMessageReader(child.stdout),
      new StreamMessageWriter(child.stdin),
    );
    const server = new LanguageServer(child, connection);
    connection.onNotification(PublishDiagnosticsNotification.type, ({ uri, diagnostics }) =>
      server.#diagnosed.get(uri)?.(diagnostics),
    );
    connection.onRequest(ConfigurationRequest.type, ({ items }) =>
      items.map(({ section }) => (section === 'yaml' ? SETTINGS : null)),
    );
    connection.listen();
    await connection.sendRequest(InitializeRequest.type, {
      processId: process.pid,
      rootUri: pathToFileURL(ROOT).href,
      capabilities: {
        workspace: { configuration: true },
        textDocument: { hover: { contentFormat: ['markdown'] } },
      },
    });
    await connection.sendNotification(InitializedNotification.type, {});
    return server;
  }

  /** What the editor underlines in a file of the repository, or in another text in its place. */
  async diagnose(path: string, text?: string): Promise<readonly Diagnostic[]> {
    const shown = text ?? (await readFile(join(ROOT, path), 'utf8'));
    return this.#with(path, shown, (_, found) => found);
  }

  /** What the editor offers at the mark `|`. */
  async complete(path: string, marked: string): Promise<readonly CompletionItem[]> {
    const { text, position } = unmark(marked);
    return this.#with(path, text, async (textDocument) => {
      const answer = await this.#connection.sendRequest(CompletionRequest.type, { textDocument, position });
      return Array.isArray(answer) ? answer : ((answer as CompletionList | null)?.items ?? []);
    });
  }

  /** What the editor shows when the mouse rests at the mark `|`. */
  async hover(path: string, marked: string): Promise<string> {
    const { text, position } = unmark(marked);
    return this.#with(path, text, async (textDocument) => {
      const answer = await this.#connection.sendRequest(HoverRequest.type, { textDocument, position });
      return ((answer as Hover | null)?.contents as { value?: string } | undefined)?.value ?? '';
    });
  }

  stop(): void {
    this.#connection.dispose();
    this.#process.kill();
  }

  async #with<T>(
    path: string,
    text: string,
    work: (document: { uri: string }, diagnostics: Promise<Diagnostic[]>) => Promise<T> | T,
  ): Promise<T> {
    const uri = pathToFileURL(join(ROOT, path)).href;
    const diagnostics = new Promise<Diagnostic[]>((resolve) => this.#diagnosed.set(uri, resolve));
    await this.#connection.sendNotification(DidOpenTextDocumentNotification.type, {
      textDocument: { uri, languageId: 'yaml', version: ++this.#version, text },
    });
    try {
      return await work({ uri }, diagnostics);
    } finally {
      this.#diagnosed.delete(uri);
      await this.#connection.sendNotification(DidCloseTextDocumentNotification.type, {
        textDocument: { uri },
      });
    }
  }
}
