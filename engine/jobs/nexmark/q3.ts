/** Nexmark query 3: who sells in some states: persons of OR, ID, CA with their auctions of category 10. */
import { defineJob } from "../../dataflow/job.ts";
import { list, value } from "../../operators/process/state-specs.ts";
import { putOut } from "../job-output.ts";
import { nexmarkSettings, nexmarkStreams } from "./nexmark-settings.ts";

const states = new Set(["OR", "ID", "CA"]);
const category = 10;

export const job = defineJob({
  name: "nexmark-q3",
  summary: "Nexmark query 3: sellers of some states with their auctions of one category",
  settings: nexmarkSettings,
  build(flow, settings) {
    const { persons, auctions } = nexmarkStreams(flow, settings);
    const sellers = persons
      .filter(["state"], (person) => states.has(person.state))
      .select("id", "name", "city", "state")
      .keyBy("id");
    const offers = auctions
      .filter(["category"], (auction) => auction.category === category)
      .select("seller", "id")
      .keyBy("seller");
    // A join without an end: each side waits for the other, whichever comes first.
    const results = sellers
      .connect(offers)
      .process({
        output: { name: "utf8", city: "utf8", state: "utf8", id: "integer" },
        state: { seller: value({ name: "utf8", city: "utf8", state: "utf8" }), waiting: list("integer") },
        onFirst(person, { state }, out) {
          state.seller.name = person.name;
          state.seller.city = person.city;
          state.seller.state = person.state;
          const { name, city } = person;
          for (const id of state.waiting.get()) out.emit({ name, city, state: person.state, id });
          state.waiting.clear();
        },
        onSecond({ id }, { state }, out) {
          const { seller, waiting } = state;
          if (seller.$isSet) out.emit({ name: seller.name, city: seller.city, state: seller.state, id });
          else waiting.add(id);
        },
      })
      .id("join");
    putOut(results, settings);
  },
});
