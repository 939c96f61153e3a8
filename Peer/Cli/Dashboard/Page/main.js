// Puts the parts together: whatever changes in the store is drawn anew.
import { updateAlerts } from "./alerts.js";
import { makeCharts, markCharts, updateCharts } from "./charts.js";
import { makeEvents, updateEvents } from "./events.js";
import { makeFigures, updateFigures, updateStatus } from "./figures.js";
import { updateLinks } from "./links.js";
import { updatePeers } from "./peers.js";
import { updateRing } from "./ring.js";
import { connect, listen, store } from "./store.js";
import { makeStrip, updateSlider, updateStrip } from "./strip.js";

const updateState = () => {
  updateSlider();
  updateFigures();
  updateRing();
  updateAlerts();
  updatePeers();
  updateLinks();
  updateEvents();
  document.body.dataset.step = store.state.step;
};

makeFigures();
makeCharts();
makeStrip();
makeEvents();

listen((what) => {
  if (!store.run || !store.state)
    return;
  if (what === "hover") {
    markCharts();
    return;
  }
  if (what === "run") {
    updateStatus();
    updateStrip();
    updateCharts();
  }
  updateState();
  if (what === "state")
    markCharts();
});

connect();
