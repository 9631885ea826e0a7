// Types of the page's JavaScript that no package has: what the cards are told by Python, and what the
// extension's modules share. In JSDoc comments they are LK.….

import type { AnyModel } from "@anywidget/types";
import type * as apputils from "@jupyterlab/apputils";
import type * as coreutils from "@jupyterlab/coreutils";
import type * as notebook from "@jupyterlab/notebook";
import type * as services from "@jupyterlab/services";
import type * as terminal from "@jupyterlab/terminal";
import type * as ui from "@jupyterlab/ui-components";
import type * as lumino from "@lumino/coreutils";
import type * as signaling from "@lumino/signaling";
import type * as widgets from "@lumino/widgets";

type Modules = typeof apputils & typeof coreutils & typeof notebook & typeof services & typeof lumino
  & typeof signaling & typeof widgets;

declare global {
  interface Window {
    _JUPYTERLAB?: Record<string, object>;
  }

  namespace LK {
    /** A card's half in the kernel. */
    type Model = AnyModel<any>;

    interface Render {
      model: Model;
      el: HTMLElement;
    }

    type Tag = keyof HTMLElementTagNameMap;
    type Child = Node | string | null | undefined;
    type Attributes = Record<string, any>;

    type Button = HTMLButtonElement & {
      /** Whether a click on it does anything. */
      enable(on: boolean): void;
      label(to: string): void;
    };

    /** `part`: of 1; null where there is no telling. */
    type Bar = HTMLElement & { set(on: boolean, part: number | null): void };

    type Ask = HTMLElement & {
      /** Do it at once where nothing would be lost (`why` is empty). */
      unless(why: string, label: string, then: () => void): void;
      drop(): void;
    };

    interface Link {
      /** Gives the message's id. */
      send(action: string, more?: object): string;
      close(): void;
    }

    interface Verdict {
      kind: string;
      title: string;
      text?: string;
      rows: [label: string, text: string][];
      trace?: string;
    }

    interface AboutLab {
      name: string;
      title: string;
      backend: string;
      svg: string;
      size: string;
      steps: string[];
    }

    /** A lab of the course; notebooks are paths from the directory of the one that shows the course. */
    interface CourseLab {
      name: string;
      number: string;
      title: string;
      about: string;
      notebooks: string[];
      minutes: number;
      needs: string[];
      /** Of its steps. */
      count: number;
      /** Why it can't be loaded. */
      problem: string;
    }

    interface AboutCourse {
      labs: CourseLab[];
    }

    interface CourseState {
      /** By the names of labs; `next` is the position of the step at which one would go on, from 1. */
      labs: Record<string, { kind: "new" | "begun" | "done"; passed: number; next: number; step: string }>;
      running: { instance: string; lab: string; memory: string; answers: boolean; ending: boolean; touched: boolean }[];
      /** Images that are not built, by the names of labs. */
      missing: Record<string, string[]>;
      /** It is not known yet what this machine can run. */
      looking: boolean;
      unable: Record<string, { why: string; remedy: string }>;
      facts: Fact[];
      verdict: Verdict | null;
    }

    interface Fact {
      name: string;
      value: string;
      ok: boolean;
      needed: boolean;
      remedy: string;
    }

    interface AboutStep {
      node: string;
      nodes: string[];
    }

    interface LabState {
      /** The place of the step at which the trainee would go on; 0: there is none. */
      next: number;
      lab: "down" | "starting" | "up" | "ending";
      lit: string;
      passed: boolean[];
      current: number;
    }

    interface StepState {
      phase: string;
      doing: string;
      part: number | null;
      /** How much is done, and how long it still takes. */
      left: string;
      busy: boolean;
      other: string;
      elapsed: number;
      touched: boolean;
      passed: boolean;
      holds: boolean;
      note: string;
      code: number | null;
      /** The node on which its command ran last. */
      on: string;
      /** When it was, if that was before this start of the lab. */
      earlier: string | null;
      hints: string[];
      solution: string;
      watched: Watched | null;
      views: string[];
      verdict: Verdict | null;
      seconds: number | null;
      command_seconds: number | null;
    }

    interface Watched {
      html: string;
      text: string;
    }

    /** A piece of a step's output; `at` counts as Python does. */
    interface Piece {
      version: number;
      at: number;
      text: string;
    }

    /** The modules of JupyterLab that the page shares, in one object. */
    interface Lab extends Modules {
      /** Not in every page. */
      Terminal?: typeof terminal.Terminal;
      terminalIcon?: typeof ui.terminalIcon;
      contents: services.Contents.IManager;
      files: import("../../jupyter/share/jupyter/labextensions/labkernel/static/files.js").Files;
    }

    /** A page's shell; Notebook's alone has the second. */
    type Shell = App["shell"] & { expandRight(id: string): void };
    /** It says that it wants three that it sets itself. */
    type ButtonProps = ui.ToolbarButtonComponent.IProps;
    type App = import("@jupyterlab/application").JupyterFrontEnd;
    type Palette = apputils.ICommandPalette;
    type Panel = notebook.NotebookPanel;
    type Context = notebook.NotebookPanel["context"];
    type Cell = notebook.NotebookPanel["content"]["widgets"][number];
    type Output = Omit<import("@jupyterlab/rendermime").IOutputModel, "data"> & { readonly data: Data };
    /** Outputs of a cell, as they stand in the file. */
    type Saved = import("@jupyterlab/nbformat").IOutput[];
    type Outputs = import("@jupyterlab/outputarea").IOutputAreaModel;
    type CodeModel = import("@jupyterlab/cells").ICodeCellModel;
    type NotebookModel = notebook.INotebookModel;
    type Kernel = services.Kernel.IKernelConnection;
    type Data = Record<string, any>;
    type Page = import("../../jupyter/share/jupyter/labextensions/labkernel/static/page.js").Page;
    type Card = InstanceType<ReturnType<
      typeof import("../../jupyter/share/jupyter/labextensions/labkernel/static/card.js").cardClass>>;

    /** JupyterLab's renderer of widgets, with the end of its rendering. */
    type Inner = import("@jupyterlab/rendermime").IRenderMime.IRenderer & { done?: Promise<void> };

    /** What the course asks of the page: a notebook, at a step of a lab or at its beginning. */
    interface Way {
      path: string;
      lab: string;
      step: string;
    }

    /** What a card asks of the page: a terminal on a node. */
    interface Wish {
      name: string;
      node: string;
      /** A line that is typed there. */
      text?: string;
      lab: string;
      argv: string[];
      env: Record<string, string>;
      model: Model;
      gone: AbortSignal;
    }

    /** What is presented at a time: a card and the prose in front of it. */
    interface Part {
      cells: Cell[];
      /** What its card is of: "anyip/ping", or "anyip", the lab itself; empty: it has none. */
      key: string;
      /** The lab's name; empty in front of the first card. */
      lab: string;
      title: string;
    }

    /** A terminal's session, the server's or a card's. */
    type Session = services.Terminal.ITerminalConnection;

    /** A terminal in the page. */
    type TerminalWidget = apputils.MainAreaWidget<terminal.Terminal> & { ended?: boolean; session?: Session };
  }
}
