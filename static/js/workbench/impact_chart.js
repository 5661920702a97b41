// How totals lie now and under the draft, on a canvas with canvas tooltips: others would need inline styles. The chart
// library is fetched with the first picture.
let library = null;
const loadLibrary = (address) => {
  library ??= new Promise((resolve, reject) => {
    if (window.echarts) return resolve();
    const script = document.createElement("script");
    script.src = address;
    script.onload = resolve;
    script.onerror = reject;
    document.head.append(script);
  });
  return library;
};

const brush = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
// ECharts reads no oklch(): a canvas pixel turns any colour the browser knows into one it does.
const color = (name) => {
  brush.clearRect(0, 0, 1, 1);
  brush.fillStyle = getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  brush.fillRect(0, 0, 1, 1);
  const [red, green, blue] = brush.getImageData(0, 0, 1, 1).data;
  return `rgb(${red}, ${green}, ${blue})`;
};

const short = (count) =>
  new Intl.NumberFormat(document.documentElement.lang, { notation: "compact", maximumFractionDigits: 1 }).format(count);

const options = (data) => {
  const isDark = document.documentElement.classList.contains("dark");
  const ink = color(isDark ? "--color-base-300" : "--color-base-600");
  const faint = color(isDark ? "--color-base-800" : "--color-base-200");
  const now = color(isDark ? "--color-base-600" : "--color-base-300");
  const draft = color(isDark ? "--color-primary-400" : "--color-primary-600");
  const text = { color: ink, fontFamily: "Inter, sans-serif", fontSize: 12 };
  const at = (counts) => counts.map((count, index) => [data.start + index * data.width, count]);
  return {
    animation: false,
    textStyle: text,
    aria: { enabled: true },
    grid: { left: 44, right: 12, top: 32, bottom: 24 },
    legend: { top: 0, right: 8, itemHeight: 8, itemWidth: 14, textStyle: text, data: data.names },
    tooltip: {
      trigger: "axis",
      renderMode: "richText",
      backgroundColor: color(isDark ? "--color-base-800" : "--color-base-900"),
      borderWidth: 0,
      textStyle: { ...text, color: "#fff" },
    },
    xAxis: {
      type: "value",
      min: data.start,
      max: data.start + data.width * Math.max(data.before.length, 1),
      axisLabel: { ...text, hideOverlap: true },
      axisLine: { lineStyle: { color: faint } },
      splitLine: { show: false },
    },
    yAxis: { type: "value", axisLabel: { ...text, formatter: short }, splitLine: { lineStyle: { color: faint } } },
    series: [
      {
        name: data.names[0],
        type: "line",
        step: "end",
        data: at(data.before),
        showSymbol: false,
        lineStyle: { width: 0 },
        itemStyle: { color: now },
        areaStyle: { color: now, opacity: 0.8 },
      },
      {
        name: data.names[1],
        type: "line",
        step: "end",
        data: at(data.after),
        showSymbol: false,
        lineStyle: { color: draft, width: 2 },
        itemStyle: { color: draft },
        markLine: {
          symbol: "none",
          silent: true,
          label: { show: false },
          lineStyle: { color: ink, opacity: 0.5, type: "dotted" },
          data: data.levels.map((level) => ({ name: level.label, xAxis: level.at })),
        },
      },
    ],
  };
};

export const draw = async (place) => {
  if (place.dataset.drawn) return;
  place.dataset.drawn = "true";
  await loadLibrary(place.dataset.library);
  if (!place.isConnected) return;
  const data = JSON.parse(document.getElementById(place.dataset.impactChart).textContent);
  const chart = window.echarts.init(place, null, { renderer: "canvas" });
  const paint = () => chart.setOption(options(data), true);
  // Figures are replaced with every change: what draws for a place that is gone is let go.
  const repaint = () => (place.isConnected ? paint() : end());
  const watch = new ResizeObserver(() => (place.isConnected ? chart.resize() : end()));
  const end = () => {
    document.removeEventListener("theme", repaint);
    watch.disconnect();
    chart.dispose();
  };
  paint();
  document.addEventListener("theme", repaint);
  watch.observe(place);
};
