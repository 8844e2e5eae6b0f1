"use strict";
// Draws every chart from the JSON beside it, and again for paper, whose width is not that of the window.
(() => {
  const config = { displayModeBar: false, responsive: true };
  const charts = [...document.querySelectorAll("script[data-chart]")].map((script) => ({
    element: document.getElementById(script.dataset.chart),
    figure: JSON.parse(script.textContent),
  }));
  for (const chart of charts) {
    const { element, figure } = chart;
    chart.height = figure.layout.height;
    if (element.clientWidth < 520) {
      figure.layout.font.size = 11;
      figure.layout.legend.font.size = 11;
      for (const trace of figure.data) if (trace.textfont) trace.textfont.size = 10;
      for (const axis of ["xaxis", "xaxis2"]) {
        if (figure.layout[axis] && !figure.layout[axis].tickvals) figure.layout[axis].nticks = 5;
      }
    }
    Plotly.newPlot(element, figure.data, figure.layout, config);
  }

  const paper = { width: 675, height: 0.74 }; // CSS pixels between the margins of A4; share of the height on screen
  const resize = ({ element }, width, height) => {
    element.style.height = `${height}px`;
    Plotly.relayout(element, { width, height, autosize: width === null });
  };
  const opened = new Set();
  const toPaper = () => {
    for (const details of document.querySelectorAll("details.print:not([open])")) {
      details.open = true;
      opened.add(details);
    }
    for (const chart of charts) resize(chart, paper.width, paper.height * chart.height);
  };
  const toScreen = () => {
    for (const details of opened) details.open = false;
    opened.clear();
    for (const chart of charts) resize(chart, null, chart.height);
  };
  window.addEventListener("beforeprint", toPaper);
  window.addEventListener("afterprint", toScreen);
  document.documentElement.dataset.charts = String(charts.length);
})();
