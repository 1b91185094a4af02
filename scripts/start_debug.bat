@echo off
rem Opens three terminals: Akashi itself, the dashboard, the live events.
rem   scripts\start_debug.bat [URL]      with a URL nothing is started here, and that installation is watched
setlocal
cd /d "%~dp0\.."
where deno >nul 2>nul || (echo Deno is missing. Install it from https://deno.com first. & exit /b 1)
set FLAGS=
if not "%~1"=="" set FLAGS=--url "%~1"
if "%~1"=="" start "Akashi" cmd /k deno task dev
if "%~1"=="" timeout /t 15 /nobreak >nul
start "Akashi monitor" cmd /k deno run -A infra\debug\monitor.ts %FLAGS%
start "Akashi events" cmd /k deno run -A infra\debug\watch.ts %FLAGS%
endlocal
