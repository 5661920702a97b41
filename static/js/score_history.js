// Draws the score over time wherever a fragment brought [data-score-history]; the chart library is fetched only then.
// Rendered on a canvas with canvas tooltips: a tooltip of HTML would need inline styles, which the policy refuses.
(() => {
  let library = null;
  const loadLibrary = (address) => {
    library ??= new Promise((resolve, reject) => {
      const script = document.createElement("script");
      script.src = address;
      script.onload = resolve;
      script.onerror = reject;
      document.head.append(script);
    });
    return library;
  };

  const token = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  // ECharts reads no oklch(): a canvas pixel turns any colour the browser knows into one it does.
  const brush = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const color = (name) => {
    brush.clearRect(0, 0, 1, 1);
    brush.fillStyle = token(name);
    brush.fillRect(0, 0, 1, 1);
    const [red, green, blue] = brush.getImageData(0, 0, 1, 1).data;
    return `rgb(${red}, ${green}, ${blue})`;
  };

  // Marks too close to be read apart share one line and one label. A label is about as wide as its letters, and on a
  // phone that is more of the time shown than on a desk.
  const LETTER = 7;
  const joined = (marks, from, to, width) => {
    const span = new Date(to) - new Date(from);
    const longest = Math.max(0, ...marks.map((mark) => mark.label.length));
    const near = span * Math.max(0.09, Math.min(0.5, (longest * LETTER) / Math.max(width - 68, 1)));
    const groups = [];
    for (const mark of [...marks].sort((one, other) => new Date(one.at) - new Date(other.at))) {
      const last = groups.at(-1);
      if (last && new Date(mark.at) - new Date(last.at) < near) {
        last.labels.push(mark.label);
        if (mark.kind === "handoff") last.kind = mark.kind;
      } else {
        groups.push({ ...mark, labels: [mark.label] });
      }
    }
    // Several in a narrow place: the first, and how many more. The table below names them all.
    const room = Math.max(1, Math.floor(width / 320));
    return groups.map((group) => {
      const more = group.labels.length - room;
      return { ...group, label: group.labels.slice(0, room).join(" · ") + (more > 0 ? ` +${more}` : "") };
    });
  };

  const options = (data, width, isDark) => {
    const ink = color(isDark ? "--color-base-300" : "--color-base-600");
    const faint = color(isDark ? "--color-base-800" : "--color-base-200");
    const accent = color(isDark ? "--color-primary-400" : "--color-primary-600");
    const now = new Date().toISOString();
    const past = data.points.length ? [...data.points, [now, data.points.at(-1)[1]]] : [];
    const future = data.coming.length ? [[now, data.coming[0][1]], ...data.coming.slice(1)] : [];
    const marks = joined(data.marks, past[0]?.[0], (future.at(-1) ?? past.at(-1))?.[0], width);
    // A label at either edge grows inwards, away from the axis and the border.
    const [start, end] = [past[0]?.[0], (future.at(-1) ?? past.at(-1))?.[0]].map((at) => new Date(at));
    const side = (at) => {
      const place = (new Date(at) - start) / (end - start || 1);
      return place < 0.2 ? "left" : place > 0.8 ? "right" : "center";
    };
    const text = { color: ink, fontFamily: "Inter, sans-serif", fontSize: 12 };
    return {
      animation: false,
      textStyle: text,
      aria: { enabled: true },
      grid: { left: 44, right: 24, top: 32, bottom: 28 },
      tooltip: {
        trigger: "axis",
        renderMode: "richText",
        backgroundColor: color(isDark ? "--color-base-800" : "--color-base-900"),
        borderWidth: 0,
        textStyle: { ...text, color: "#fff" },
      },
      xAxis: { type: "time", axisLine: { lineStyle: { color: faint } }, axisTick: { show: false }, axisLabel: { ...text, hideOverlap: true }, splitLine: { show: false } },
      yAxis: { type: "value", axisLabel: text, splitLine: { lineStyle: { color: faint } } },
      series: [
        {
          type: "line",
          step: "end",
          data: past,
          showSymbol: false,
          lineStyle: { color: accent, width: 2 },
          itemStyle: { color: accent },
          areaStyle: { color: accent, opacity: 0.08 },
          markLine: {
            symbol: "none",
            silent: true,
            label: { ...text, position: "insideEndTop", formatter: "{b}" },
            lineStyle: { color: ink, opacity: 0.45, type: "dotted" },
            data: [
              ...data.levels.map((level) => ({ name: level.label, yAxis: level.at })),
              ...marks.map((mark) => ({
                name: mark.label,
                xAxis: mark.at,
                lineStyle: mark.kind === "handoff" ? { color: accent, opacity: 1, type: "solid" } : {},
                label: { ...text, position: "end", align: side(mark.at), formatter: "{b}" },
              })),
            ],
          },
        },
        {
          type: "line",
          step: "end",
          data: future,
          showSymbol: false,
          lineStyle: { color: accent, width: 2, type: "dashed", opacity: 0.7 },
          itemStyle: { color: accent },
        },
      ],
    };
  };

  // On paper a canvas keeps the width and the colours it had on the screen: a picture made for paper takes its place.
  const PAPER = { width: 700, height: 256, devicePixelRatio: 2, renderer: "canvas" };
  const pictureForPaper = (place, data) => {
    const chart = window.echarts.init(document.createElement("div"), null, PAPER);
    chart.setOption(options(data, PAPER.width, false));
    const picture = document.createElement("img");
    picture.src = chart.getDataURL({ backgroundColor: "#fff" });
    // The table after it, unfolded on paper, holds the same figures.
    picture.alt = "";
    picture.className = "hidden w-full print:block";
    place.after(picture);
    chart.dispose();
  };

  const draw = async (place) => {
    if (place.dataset.drawn) return;
    place.dataset.drawn = "true";
    await loadLibrary(place.dataset.library);
    const data = JSON.parse(document.getElementById(place.dataset.scoreHistory).textContent);
    const chart = window.echarts.init(place, null, { renderer: "canvas" });
    const paint = () => chart.setOption(options(data, place.clientWidth, document.documentElement.classList.contains("dark")), true);
    paint();
    document.addEventListener("theme", paint);
    new ResizeObserver(() => {
      chart.resize();
      paint();
    }).observe(place);
    pictureForPaper(place, data);
  };

  const drawAll = (root) => root.querySelectorAll("[data-score-history]").forEach(draw);
  document.addEventListener("htmx:load", (event) => drawAll(event.target));
  document.addEventListener("DOMContentLoaded", () => drawAll(document));
})();
