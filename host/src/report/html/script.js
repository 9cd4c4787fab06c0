'use strict';
// Tells the figures under a pointer, or under the arrow keys. Everything else is there without a script.
(() => {
  const all = JSON.parse(document.getElementById('figures').textContent);
  const figures = [...document.querySelectorAll('figure[data-chart]')].map((figure) => {
    const svg = figure.querySelector(':scope > svg');
    const cross = document.createElementNS(svg.namespaceURI, 'line');
    const [, , width, height] = svg.getAttribute('viewBox').split(' ').map(Number);
    cross.setAttribute('class', 'cross');
    cross.setAttribute('y1', 16);
    cross.setAttribute('y2', height - 22);
    const tip = document.createElement('div');
    tip.className = 'tip';
    tip.setAttribute('role', 'status');
    tip.hidden = true;
    figure.append(tip);
    svg.tabIndex = 0;
    return { figure, svg, cross, tip, width, group: figure.dataset.group, data: all[figure.dataset.chart], at: 0 };
  });

  const nearest = (places, x) => {
    let best = 0;
    places.forEach((place, i) => {
      if (Math.abs(place - x) < Math.abs(places[best] - x)) best = i;
    });
    return best;
  };

  const hide = (one) => {
    for (const other of figures) {
      if (other.group === one.group) other.cross.remove();
    }
    one.tip.hidden = true;
  };

  const show = (one, at) => {
    const { data, tip } = one;
    if (!data.x.length) return;
    one.at = Math.max(0, Math.min(data.x.length - 1, at));
    const x = data.x[one.at];
    for (const other of figures) {
      if (other.group !== one.group) continue;
      other.cross.setAttribute('x1', x);
      other.cross.setAttribute('x2', x);
      other.svg.append(other.cross);
    }
    tip.replaceChildren();
    const line = (text) => {
      const p = document.createElement('p');
      p.textContent = text;
      tip.append(p);
    };
    line(data.names[one.at]);
    for (const { name, words } of data.lines) {
      if (words[one.at] !== null) line(`${name}: ${words[one.at]}`);
    }
    tip.hidden = false;
    const share = x / one.width;
    tip.style.left = share < 0.5 ? `calc(${share * 100}% + .8rem)` : 'auto';
    tip.style.right = share < 0.5 ? 'auto' : `calc(${(1 - share) * 100}% + .8rem)`;
  };

  for (const one of figures) {
    one.svg.addEventListener('pointermove', (event) => {
      const box = one.svg.getBoundingClientRect();
      show(one, nearest(one.data.x, ((event.clientX - box.left) / box.width) * one.width));
    });
    one.svg.addEventListener('pointerleave', () => hide(one));
    one.svg.addEventListener('blur', () => hide(one));
    one.svg.addEventListener('keydown', (event) => {
      const to = { ArrowLeft: one.at - 1, ArrowRight: one.at + 1, Home: 0, End: one.data.x.length - 1 }[event.key];
      if (to === undefined) return;
      event.preventDefault();
      show(one, to);
    });
  }
  document.documentElement.dataset.script = 'ready';
})();
