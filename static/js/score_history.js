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

  // Marks too close to be read apart share one line and one label.
  const joined = (marks, from, to) => {
    const near = (new Date(to) - new Date(from)) * 0.09;
    const groups = [];
    for (const mark of [...marks].sort((one, other) => new Date(one.at) - new Date(other.at))) {
      const last = groups.at(-1);
      if (last && new Date(mark.at) - new Date(last.at) < near) {
        last.label = `${last.label} · ${mark.label}`;
        if (mark.kind === "handoff") last.kind = mark.kind;
      } else {
        groups.push({ ...mark });
      }
    }
    return groups;
  };

  const options = (data) => {
    const isDark = document.documentElement.classList.contains("dark");
    const ink = color(isDark ? "--color-base-300" : "--color-base-600");
    const faint = color(isDark ? "--color-base-800" : "--color-base-200");
    const accent = color(isDark ? "--color-primary-400" : "--color-primary-600");
    const now = new Date().toISOString();
    const past = data.points.length ? [...data.points, [now, data.points.at(-1)[1]]] : [];
    const future = data.coming.length ? [[now, data.coming[0][1]], ...data.coming.slice(1)] : [];
    const marks = joined(data.marks, past[0]?.[0], (future.at(-1) ?? past.at(-1))?.[0]);
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
                label: { ...text, position: "end", formatter: "{b}" },
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

  const draw = async (place) => {
    if (place.dataset.drawn) return;
    place.dataset.drawn = "true";
    await loadLibrary(place.dataset.library);
    const data = JSON.parse(document.getElementById(place.dataset.scoreHistory).textContent);
    const chart = window.echarts.init(place, null, { renderer: "canvas" });
    const paint = () => chart.setOption(options(data), true);
    paint();
    document.addEventListener("theme", paint);
    new ResizeObserver(() => chart.resize()).observe(place);
  };

  const drawAll = (root) => root.querySelectorAll("[data-score-history]").forEach(draw);
  document.addEventListener("htmx:load", (event) => drawAll(event.target));
  document.addEventListener("DOMContentLoaded", () => drawAll(document));
})();
