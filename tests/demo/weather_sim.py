"""weather_sim.py STATION.dat: simulate a year of a station's temperatures,
print what they come to, and draw them into STATION.png."""
import os
import sys

# matplotlib keeps a cache of fonts; beside the program it belongs to the study.
os.environ.setdefault("MPLCONFIGDIR", os.path.join(os.getcwd(), ".matplotlib"))

import matplotlib
matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np

import py_weather


def read_station(name):
    station = {}
    with open(name, encoding="utf-8") as f:
        for line in f:
            key, _, value = line.partition("=")
            if value and not key.startswith("#"):
                station[key.strip()] = value.strip()
    return station


def main(name):
    station = read_station(name)
    mean = [float(x) for x in station["mean"].split()]
    days = np.array(py_weather.step(mean, float(station["inertia"]),
                                    float(station["spread"]),
                                    int(station["seed"]), 365))
    smooth = np.convolve(days, np.ones(15) / 15, mode="valid")
    print(f"station  {station['name']}")
    print(f"mean     {days.mean():.6f}")
    print(f"std      {days.std():.6f}")
    print(f"coldest  {days.min():.6f} on day {days.argmin() + 1}")
    print(f"hottest  {days.max():.6f} on day {days.argmax() + 1}")
    print(f"energy   {np.abs(np.fft.rfft(days)).sum():.4f}")

    png = os.path.splitext(os.path.basename(name))[0] + ".png"
    fig, ax = plt.subplots(figsize=(7, 3.5), dpi=100)
    ax.plot(np.arange(1, 366), days, lw=0.6, label="simulated")
    ax.plot(np.arange(8, 359), smooth, lw=2, label="15 days")
    ax.set_title(f"{station['name']}: a year of temperatures")
    ax.set_xlabel("day")
    ax.set_ylabel("degrees Celsius")
    ax.legend()
    fig.savefig(png, metadata={"Software": None})
    print(f"plot     {png}")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: weather_sim.py STATION.dat")
    main(sys.argv[1])
