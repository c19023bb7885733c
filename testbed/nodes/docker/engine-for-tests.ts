/** What every container engine of a test's own has: it is asked what it holds, and DOCKER_HOST is given back at its end. */
import type Dockerode from "dockerode";

export abstract class EngineForTests {
  readonly engine: Dockerode;
  readonly #hostBefore = process.env.DOCKER_HOST;

  protected constructor(engine: Dockerode) {
    this.engine = engine;
  }

  /** Names of all containers, running or not. */
  async containers(): Promise<string[]> {
    const found = await this.engine.listContainers({ all: true });
    return found.flatMap(({ Names }) => Names).sort();
  }

  protected giveHostBack(): void {
    if (this.#hostBefore === undefined) delete process.env.DOCKER_HOST;
    else process.env.DOCKER_HOST = this.#hostBefore;
  }

  /** They would outlive it. */
  protected async removeContainers(): Promise<void> {
    const left = await this.engine.listContainers({ all: true }).catch(() => []);
    for (const { Id } of left) await this.engine.getContainer(Id).remove({ force: true, v: true });
  }
}
